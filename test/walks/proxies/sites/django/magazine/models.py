from django.db import models


class Article(models.Model):
    slug = models.SlugField(unique=True)
    title = models.CharField(max_length=200)
    cover = models.URLField()
    body = models.TextField()

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        return f'/article/{self.slug}'
