"""The command line: prints, never decides. One file a verb in `cli.commands`."""
