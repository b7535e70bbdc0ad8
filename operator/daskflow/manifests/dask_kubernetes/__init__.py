"""Pure builders of what dask-kubernetes' kinds consist of: users' specs as they stand, and a little more.

metadata   names, labels, annotations and owners
pods       scheduler, worker and runner; environment is appended, old commands are rewritten
objects    the Service, a cluster's own worker group, a job's cluster
secret     what pods mount where anything is injected; network_policy, who may connect to them
injection  what pods get beyond what their users ask for, where the installation or an object says so;
           preloads, those of Dask's
"""
