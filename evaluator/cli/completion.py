"""`evaluator --install-completion`: words of the command line completed in a shell."""

from cyclopts.completion.install import create_install_completion_command

from evaluator.cli import program

install = create_install_completion_command(program().install_completion, add_to_startup=True)
