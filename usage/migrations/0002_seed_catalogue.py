"""Once filled the catalogue, with prices that nobody had set. Databases from then keep it.

Now operators choose what they sell (`bin/manage import_catalogue`, or Django admin).
"""

from django.db import migrations


class Migration(migrations.Migration):
    replaces = [("usage", "0002_catalogue")]
    dependencies = [("usage", "0001_squashed")]

    operations = []
