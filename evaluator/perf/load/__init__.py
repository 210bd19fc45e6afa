"""What is sent to a server: prompts, their schedule, the load generator and the server's side."""
