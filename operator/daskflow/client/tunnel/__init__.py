"""A port of a pod on this machine's loopback, through the API server, with the user's own rights.

tunnel           listens, and leads each connection to the other end
  ends                           where that is: a pod's, a Service's, or a Dask scheduler's port
  stream                         one connection: a websocket to the API server's port-forward
"""
