"""What every module stands on: people, places, rights, events and manners."""
