SELECT tailnum, built, type, manufacturer, model, engines, seats, speed, engine
FROM source.planes
