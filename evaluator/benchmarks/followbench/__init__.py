"""FollowBench: instructions to which one constraint after the other is added."""
