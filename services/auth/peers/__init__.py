"""Other services, reached over HTTP: by the command line only. A serving process asks nobody anything."""
