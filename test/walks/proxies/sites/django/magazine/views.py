import hashlib

from django.http import HttpResponse, JsonResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from .models import Article


def show_list(request):
    return render(request, 'list.html', {'articles': Article.objects.order_by('slug')})


def show_article(request, slug):
    response = render(request, 'article.html', {'article': get_object_or_404(Article, slug=slug)})
    response['Cache-Control'] = 'public, max-age=60'
    return response


def stream_archive(request):
    """A page that goes out in parts; the middleware compresses it part by part."""

    def parts():
        yield '<!doctype html><html lang="en"><title>Archive</title><body>\n'
        for year in range(2025, 2005, -1):
            yield f'<h2>{year}</h2>\n'
            for article in Article.objects.order_by('slug'):
                yield render_to_string('teaser.html', {'article': article})
        yield '</body></html>\n'

    return StreamingHttpResponse(parts())


def list_as_json(request):
    return JsonResponse({'articles': list(Article.objects.order_by('slug').values())})


@csrf_exempt
@require_POST
def upload(request):
    digest = hashlib.sha256(request.body).hexdigest()
    return HttpResponse(f'{len(request.body)} {digest}\n', content_type='text/plain')
