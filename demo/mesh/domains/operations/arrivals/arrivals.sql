SELECT time_hour, carrier, flight, origin, dest, tailnum, arr_delay
FROM operations.flights.departures
