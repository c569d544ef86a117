"""Which column of a file is which, by what people call them in the languages of their programs."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence

from orderup.envs.foundation.errors import InputError, UnknownName, listed

WORDS: dict[str, str] = {
    "date": "date ds stand stichtag datum day tag fecha data jour dt period periode week woche kw calendar_week "
    "kalenderwoche semaine month monat mois invoicedate invoice_date order_date posting_date belegdatum "
    "buchungsdatum verkaufsdatum sales_date transaction_date bestelldatum auftragsdatum lieferdatum",
    "year": "year jahr annee ano anno calendar_year kalenderjahr geschaeftsjahr",
    "site": "site store shop filiale standort location warehouse store_id store_nbr store_name lager werk plant branch markt "
    "outlet tienda magasin magazin lagerort depot stelle niederlassung site_id location_id warehouse_id verkaufsstelle",
    "product": "product sku item article artikel artikelnummer artikel_nr article_number material materialnummer product_id "
    "item_id item_code item_nbr stockcode stock_code ean gtin produkt produit producto codigo default_code internal_reference "
    "artikelnr art_nr product_code prodotto articolo",
    "quantity": "quantity qty menge demand sales sold units units_sold unit_sales absatz verkauf verkaufte_menge y stueck "
    "anzahl bedarf quantite cantidad quantita sale_amount verkaufsmenge absatzmenge sales_qty volume",
    "price": "price unit_price unitprice preis verkaufspreis stueckpreis vk prix precio sell_price",
    "unit": "unit uom einheit me mengeneinheit unit_of_measure unite unidad measure",
    "currency": "currency waehrung devise moneda curr",
    "open": "open geoeffnet opened is_open offen",
    "closed": "closed geschlossen is_closed",
    "out_of_stock": "out_of_stock stockout stock_out oos ausverkauft fehlbestand stockout_flag",
    "from": "from source von origin quelle lieferant supplier vendor von_standort sender fournisseur proveedor lieferstelle "
    "source_location from_site ab",
    "to": "to destination nach ziel target an empfaenger site standort store filiale to_site location bis receiving_site "
    "warehouse lager",
    "lead_time": "lead_time leadtime lieferzeit wiederbeschaffungszeit wbz transit_time lead_time_days lieferzeit_tage delay "
    "delai dauer laufzeit lead_days tage days_to_deliver",
    "lead_time_sd": "lead_time_sd lead_time_std lieferzeit_streuung std_lead_time",
    "order_delay": "order_delay bestellverzug information_delay",
    "unit_cost": "unit_cost cost kosten purchase_price einkaufspreis ek einstandspreis stueckkosten cout coste buying_price",
    "fixed_cost": "fixed_cost order_cost bestellkosten fixkosten ordering_cost fixe_bestellkosten cost_per_order",
    "minimum": "minimum moq minimum_order_quantity mindestbestellmenge mindestmenge min_order min_qty_order",
    "multiple": "multiple pack pack_size gebinde ve verpackungseinheit order_multiple multiple_quantity quantity_multiple "
    "qty_multiple packgroesse rundungswert lot_size losgroesse case_pack",
    "capacity": "capacity kapazitaet max_per_period",
    "role": "role type art typ rolle kind site_type location_type ebene level",
    "supplied_by": "supplied_by supplier lieferant beliefert_von source parent versorgt_von source_site lieferlager",
    "storage": "storage storage_capacity lagerkapazitaet space stellplaetze",
    "throughput": "throughput durchsatz handling_capacity",
    "holding": "holding holding_cost lagerkosten lagerhaltungskosten carrying_cost h",
    "holding_rate": "holding_rate lagerkostensatz carrying_rate zins interest_rate",
    "on_hand": "on_hand stock bestand qty_on_hand on_hand_qty quantity_on_hand lagerbestand inventory available actual_qty "
    "menge quantity qty existencias balance balance_qty freier_bestand",
    "backlog": "backlog backorder backorders rueckstand owed open_orders offene_auftraege",
    "on_order": "on_order under_way in_transit bestellt unterwegs open_purchase_orders zulauf ordered",
    "order_date": "order_date ordered bestelldatum bestellt_am po_date date_order purchase_date auftragsdatum date_commande "
    "orderdate",
    "receipt_date": "receipt_date received wareneingang wareneingangsdatum eingangsdatum delivered delivery_date lieferdatum "
    "date_done receiptdate arrival_date effective_date date_reception eingang geliefert_am receipt",
    "series": "unique_id series series_id id",
    "cutoff": "cutoff issued issue_date made made_on forecast_date prognosedatum erstellt stichtag",
    "level": "quantile quantil level probability percentile",
    "amount": "value forecast prediction prognose wert y_hat yhat mean point_forecast quantity menge",
    "error": "sd std stddev stdev std_dev standard_deviation standardabweichung sigma rmse",
    "order": "order order_id order_number po po_number bestellnummer purchase_order bestellung reference voucher_no "
    "belegnummer",
    "value": "value unit_value wert stueckwert standard_cost standard_price valuation_rate cost unit_cost purchase_price "
    "einkaufspreis ek einstandspreis kosten herstellkosten valuation cogs",
    "shortage": "shortage shortage_cost fehlmengenkosten penalty stockout_cost strafkosten p",
    "group": "group category product_group warengruppe kategorie family familie product_category artikelgruppe",
    "service": "service service_level target servicegrad fill_rate service_target lieferbereitschaft",
    "product_name": "description bezeichnung artikelbezeichnung name product_name item_name beschreibung designation",
    "reorder_level": "reorder_level min min_quantity minimum_quantity meldebestand warehouse_reorder_level product_min_qty "
    "mindestbestand reorder_point min_qty",
    "order_up_to": "order_up_to max max_quantity maximum_quantity hoechstbestand product_max_qty max_qty maximalbestand",
    "reorder_quantity": "reorder_quantity reorder_qty warehouse_reorder_qty bestellmenge",
}
"""What each role may be called, most telling first."""
WRITTEN = {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"}
ASKED_ABOUT = ("date", "quantity", "order_date", "receipt_date", "lead_time", "on_hand")
"""Roles of which a file must not have two columns: which is meant is not guessed."""


def plain(heading: str) -> str:
    """A column's name in small letters and underscores, without accents and what stands in brackets.

    >>> plain("Verkaufte Menge [Stück]"), plain("Größe")
    ('verkaufte_menge', 'groesse')
    """
    text = re.sub(r"[\[(].*?[\])]", "", heading.lower())
    text = "".join(WRITTEN.get(sign, sign) for sign in text)
    text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "_", text).strip("_")


def columns_of(
    header: Sequence[str],
    roles: Iterable[str],
    needed: Iterable[str],
    given: Mapping[str, str],
    key: str,
    file: str,
) -> dict[str, str]:
    """The column of each role that a file has. Raises InputError where a needed one is not found, or could be either of two."""
    roles = list(roles)
    for role, meant in given.items():
        if role not in roles:
            raise UnknownName(f"columns.{key}", role, roles)
        if meant not in header:
            raise UnknownName(f"columns.{key}.{role}", meant, header)
    found = {role: column for role in roles if (column := given.get(role) or _column(header, role, given, key, file))}
    for role in needed:
        if role not in found:
            accepted = f"columns.{key}.{role}=<name> for the one that holds it, of {listed(header)}"
            raise InputError(f"{file}, columns", f"none that is known as {role.replace('_', ' ')}", accepted)
    return _each_once(found, given)


def _column(header: Sequence[str], role: str, given: Mapping[str, str], key: str, file: str) -> str | None:
    fitting = [name for name in header if plain(name) in WORDS[role].split() and name not in given.values()]
    if len(fitting) > 1 and role in ASKED_ABOUT:
        raise InputError(f"{file}, columns", " and ".join(fitting), f"columns.{key}.{role}=<name> for the one that is meant")
    return min(fitting, key=lambda name: WORDS[role].split().index(plain(name)), default=None)


def _each_once(found: dict[str, str], given: Mapping[str, str]) -> dict[str, str]:
    """Of two roles that a column could have, the one that comes first has it."""
    taken: dict[str, str] = {}
    for role in sorted(found, key=lambda role: role not in given):
        taken.setdefault(found[role], role)
    return {role: column for role, column in found.items() if taken[column] == role}
