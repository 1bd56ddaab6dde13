"""What leaves the device over MQTT: the topic table, the sink that publishes, the broker."""
