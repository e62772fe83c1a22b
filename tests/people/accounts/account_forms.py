"""What a person gives to register."""

REGISTRATION = {
    "display_name": "Claire Martin",
    "email": "claire.martin@collines.example",
    "password": "trois petits paniers verts",
    "organisation": "Ville des Collines",
    "organisation_type": "commune",
    "territory": "83",
    "job": "Acheteuse",
    "charter": "y",
}
