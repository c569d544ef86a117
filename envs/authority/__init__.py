"""What is done with decisions at a level: whose count, on which information they are executed, what has to wait.

Actions and rewards of learners too. Imports `information` and what is below it.
"""
