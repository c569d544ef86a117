"""Rules for a site with two sources: dual index, single index, tailored base-surge. Imports `rules`, `levels`, `exact`."""
