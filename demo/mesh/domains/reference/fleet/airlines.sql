SELECT carrier, name FROM source.airlines
