"""How answers are judged: who judges, what a judge is asked, how its verdict is kept."""
