"""How the staff sign in: django-allauth in the desk's clothes, with a lock-out that locks out no colleague."""
