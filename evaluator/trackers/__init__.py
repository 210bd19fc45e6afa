"""Sends a finished run to an experiment tracker: wandb, MLflow, SwanLab or TensorBoard.

It is made from the run's files, after the run and in a process of its own, so that a tracker that
fails or hangs harms nothing. Where it sends to, and with which key, the trackers' own variables in
the environment say: a key is never read here.
"""
