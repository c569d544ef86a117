"""Names of months, by their first letters, in languages that companies' programs speak."""

from __future__ import annotations

_BY_NUMBER = (
    "jan january januar janvier enero gennaio ene gen jän jänner",
    "feb february februar février fevrier febrero febbraio fév fev",
    "mar march märz mrz maerz mars marzo mär maa maart",
    "apr april avril abril aprile avr abr",
    "may mai mayo maggio mei mag",
    "jun june juni juin junio giugno giu",
    "jul july juli juillet julio luglio lug juil",
    "aug august août aout agosto aoû ago",
    "sep sept september septembre septiembre settembre set",
    "oct october oktober octobre octubre ottobre okt ott",
    "nov november novembre noviembre",
    "dec december dezember décembre decembre diciembre dicembre dez déc dic",
)
MONTHS = {word: number for number, words in enumerate(_BY_NUMBER, start=1) for word in words.split()}
"""The number of each; "jui" alone is none, as two months of French begin so."""
