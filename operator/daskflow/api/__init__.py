"""What users write and read: the custom resources as frozen models, the source of CRDs and reference."""
