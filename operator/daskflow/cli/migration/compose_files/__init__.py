"""Compose files.

compose           which services are scheduler, workers and flows, and what they come to together
service           one of them but its command; mounts, its volumes
interpolation     `${NAME}` and files of variables; extending, what services have of each other
"""
