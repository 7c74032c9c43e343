"""What we wrote: Markdown articles and the pages they cite."""
