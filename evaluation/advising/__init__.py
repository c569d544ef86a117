"""Advice for one network: what levels of autonomy cost there, and what the atlas says of such networks. Imports `atlas`."""
