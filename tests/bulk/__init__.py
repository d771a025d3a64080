"""Files and frames in, columns through, files out."""
