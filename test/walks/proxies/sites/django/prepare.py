"""Makes the database, fills it, and lets the editor in."""
import json
import os
from pathlib import Path

os.environ['DJANGO_SETTINGS_MODULE'] = 'settings'

import django
from django.conf import settings
from django.core.management import call_command

django.setup()
call_command('migrate', run_syncdb=True, verbosity=0)

from django.contrib.auth.models import User
from magazine.models import Article

User.objects.create_superuser('editor', password=os.environ['PASSWORD'])
for article in json.loads(Path(__file__).parent.with_name('articles.json').read_text('utf-8')):
    article['body'] = article['body'].replace('{images}', settings.IMAGES)
    article['cover'] = f'{settings.IMAGES}/{article["cover"]}/card'
    Article.objects.create(**article)
