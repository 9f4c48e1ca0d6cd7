"""What the runner of a pipeline can type after `placet`: a module for each command."""
