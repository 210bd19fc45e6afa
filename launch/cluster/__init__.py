"""Fleets on other machines: Slurm jobs and Ray actors that serve for as long as we live."""
