from django.db import migrations


class Migration(migrations.Migration):
    """The table goes to delivery, as it is."""

    dependencies = [("reminders", "0006_the_day_asks_an_index_alone")]

    operations = [
        migrations.SeparateDatabaseAndState(state_operations=[migrations.DeleteModel(name="OwnWording")]),
    ]
