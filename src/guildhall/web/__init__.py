"""The site's shell: base templates, navigation, home page, sign-in and organization pages. Rules live in `core`."""
