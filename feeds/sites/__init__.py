"""Site generators: what the configuration of a Hugo, Jekyll, Hexo or Zola site means for its feeds."""
