"""What an API server says of a right that is missing."""

RBAC = (
    'pods is forbidden: User "system:serviceaccount:flow:daskflow" cannot {} resource "pods" in API group ""'
)
