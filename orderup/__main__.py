"""`python -m orderup`, which is `orderup`."""

from orderup.commands.dispatch import enter

if __name__ == "__main__":
    enter()
