-- Health of a FlowRun for Argo CD.
local health = {
  Succeeded = "Healthy",
  Failed = "Degraded",
  Cancelled = "Degraded",
  Suspended = "Suspended",
}

local hs = { status = "Progressing", message = "The operator has not seen this spec yet." }
local status = obj.status or {}
if status.observedGeneration == obj.metadata.generation then
  hs.status = health[status.phase] or "Progressing"
  hs.message = status.message
end
return hs
