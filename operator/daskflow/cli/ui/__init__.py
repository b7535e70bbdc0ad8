"""`daskflow ui`: a page on this machine's loopback, served with the user's own kubeconfig.

- `server`: the port, the address with its token; `app`: what is where; `guard`: who may ask at all.
- `source`: what is known of the cluster, by one watch a kind, for all tabs; `logs`: what pods print.
- `views/`: what a page shows, as pure functions of that. `rendering`: templates; everything is escaped.
- `live`: server-sent events, with what has changed of a page that is open.
- `dashboards`: Dask's own, through tunnels.
- `actions`: cancel, retry, suspend, resume, a run of a schedule now.

`templates/` and `static/` have HTML, CSS and JavaScript modules as the browser gets them: nothing is built.
There is no script library among them: the maintained packages that ship one bring a web framework along.
"""
