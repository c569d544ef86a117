"""Policies trained by Stable-Baselines3's PPO: one for all, shared by the sites, or with a critic that sees all.

Imports `learning`.
"""
