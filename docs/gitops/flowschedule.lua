-- Health of a FlowSchedule for Argo CD.
local hs = { status = "Progressing", message = "The operator has not seen this spec yet." }
local status = obj.status or {}
if status.observedGeneration == obj.metadata.generation then
  hs.message = status.message
  for _, condition in ipairs(status.conditions or {}) do
    if condition.type == "Stalled" and condition.status == "True" then
      hs.status = "Degraded"
    elseif condition.type == "Ready" and condition.status == "True" then
      hs.status = "Healthy"
    end
  end
  if status.reason == "Suspended" then
    hs.status = "Suspended"
  end
end
return hs
