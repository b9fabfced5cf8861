"""`moor demo`: the story of a stateful application in ten steps, told with the commands a user would type."""
