-- Health of a DaskCluster for Argo CD.
local health = {
  Ready = "Healthy",
  Stopped = "Healthy",
  Degraded = "Degraded",
  Failed = "Degraded",
  Suspended = "Suspended",
}

local hs = { status = "Progressing", message = "The operator has not seen this spec yet." }
local status = obj.status or {}
if status.observedGeneration == obj.metadata.generation then
  hs.status = health[status.phase] or "Progressing"
  hs.message = status.message
  if status.phase == "Degraded" and status.reason == "WaitingForWorkers" then
    hs.status = "Progressing" -- new workers are on their way
  end
end
return hs
