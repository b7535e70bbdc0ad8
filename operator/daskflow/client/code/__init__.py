"""A project's own files on their way into a run.

project          a folder becomes an archive, unless something in it should stay here
  collect                        which files: those of git, less .daskflowignore
  secrets_among                  which of them look like secrets
  archive                        the same bytes for the same files, in parts
functions        a function: by its module, with the project, or
  pickled                        as bytes, with all that it holds, which in the run
  function_entry                 loads
config_maps      the parts in the cluster, and the runs that own them
"""
