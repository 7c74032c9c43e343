"""The editor's desk: what is known of citations and sources as two pages; values in, bytes out."""
