"""Populations and what becomes of them: who meets whom, who is followed, and how strategies are passed on."""
