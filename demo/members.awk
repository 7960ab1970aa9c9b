# members.awk - members of a frequent flyer programme, all of them made up: the same on every machine.
#
# usage: awk -v count=5000 -f members.awk
#
# Numbers come from the generator of Park and Miller (x * 16807 mod 2^31 - 1), which stays exact in the
# doubles that every awk counts with. Addresses end in example.com, example.net or example.org (RFC 2606),
# telephone numbers are of the range 555-0100 to 555-0199, which belongs to nobody.

function next_number(below) {
    state = (state * 16807) % 2147483647
    return state % below
}

function pick(list, n,    parts) {
    n = split(list, parts, " ")
    return parts[1 + next_number(n)]
}

BEGIN {
    state = 2013
    print "member_id,name,email,phone,zip,birth_date,region,tier,miles,fraud_score"
    for (i = 1; i <= count; i++) {
        first = pick("Alma Bruno Carla Dario Elena Fabio Greta Hugo Irma Jonas Karla Leo Mira Nils Olga Paul")
        last = pick("Abel Brandt Castro Diaz Egger Fuchs Gomes Hauser Ivanov Jensen Keller Lopez Moser Novak")
        region = pick("east east east central south west west")
        tier = pick("basic basic basic basic basic basic silver silver gold platinum")
        printf "%d,%s %s,%s.%s%d@%s,%03d-555-%04d,%05d,%04d-%02d-%02d,%s,%s,%d,%.2f\n", 700000 + i, first, last,
            tolower(first), tolower(last), i, pick("example.com example.net example.org"),
            201 + next_number(700), 100 + next_number(100), 1001 + next_number(98000),
            1935 + next_number(70), 1 + next_number(12), 1 + next_number(28), region, tier,
            next_number(200000), next_number(101) / 100
    }
}
