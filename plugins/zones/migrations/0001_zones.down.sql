DROP TABLE zones_events;
DROP TABLE zones_zones;
