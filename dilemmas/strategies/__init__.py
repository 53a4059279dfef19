"""What decides: automata as tables, parametric rules, learners, users' own Python."""
