"""One file a verb: `define(parser)` names its words, `run(args)` carries it out and returns the exit status."""
