; The tick, the clock, alarm and waits.

time_tests:
        sti
        mov ah, 0
        int 0x1a
        mov bx, dx
        mov cx, 0xffff
.tick:
        hlt
        mov ah, 0
        push cx
        int 0x1a
        pop cx
        cmp dx, bx
        jne .ticked
        loop .tick
.ticked:
        cmp dx, bx
        claim ne, "the tick count moves on"

        push ds
        xor ax, ax
        mov ds, ax
        mov word [0x1c * 4], .user_tick
        mov [0x1c * 4 + 2], cs
        pop ds
        mov byte [.ticks], 0
.wait_ticks:
        hlt
        cmp byte [.ticks], 2
        jb .wait_ticks
        claim ae, "INT 1Ch comes with the ticks"

        mov cx, 0x0018                  ; just before midnight
        mov dx, 0x00af
        mov ah, 1
        int 0x1a
        mov byte [.ticks], 0
.wait_midnight:
        hlt
        cmp byte [.ticks], 2
        jb .wait_midnight
        mov ah, 0
        int 0x1a
        claim_byte al, 1, "midnight is told"
        claim_equal cx, 0, "and the count begins again"
        mov ah, 0
        int 0x1a
        claim_byte al, 0, "midnight is told once"

        mov ah, 2
        int 0x1a
        claim nc, "the clock tells the time"
        cmp ch, 0x24
        claim b, "hours are below 24"
        cmp cl, 0x60
        claim b, "minutes are below 60"
        cmp dh, 0x60
        claim b, "seconds are below 60"
        mov ah, 4
        int 0x1a
        claim nc, "the clock tells the date"
        cmp ch, 0x19
        claim ae, "a century of ours"
        cmp dh, 0x12
        claim be, "months are up to 12"

        mov cx, 0x1234                  ; 12:34:56
        mov dx, 0x5600
        mov ah, 3
        int 0x1a
        mov ah, 2
        int 0x1a
        claim_equal cx, 0x1234, "hours and minutes can be set"
        cmp dh, 0x58
        claim be, "and seconds"
        mov cx, 0x1999
        mov dx, 0x1231
        mov ah, 5
        int 0x1a
        mov cx, 0
        mov dx, 0
        mov ah, 4
        int 0x1a
        claim_equal cx, 0x1999, "the year can be set"
        claim_equal dx, 0x1231, "and month and day"

        push ds
        xor ax, ax
        mov ds, ax
        mov word [0x4a * 4], .alarm
        mov [0x4a * 4 + 2], cs
        pop ds
        mov cx, 0x1000                  ; 10:00:00, alarm a second later
        mov dx, 0x0000
        mov ah, 3
        int 0x1a
        mov byte [.alarms], 0
        mov cx, 0x1000
        mov dx, 0x0100
        mov ah, 6
        int 0x1a
        claim nc, "an alarm can be set"
        mov ah, 6
        int 0x1a
        claim c, "but only one"
        mov byte [.ticks], 0
.wait_alarm:
        hlt
        cmp byte [.alarms], 0
        jne .alarmed
        cmp byte [.ticks], 60
        jb .wait_alarm
.alarmed:
        claim_byte byte [.alarms], 1, "INT 4Ah comes with the alarm"
        mov ah, 7
        int 0x1a
        mov ah, 6
        mov cx, 0x2300
        mov dx, 0
        int 0x1a
        claim nc, "after the alarm is taken back another can be set"
        mov ah, 7
        int 0x1a

        hlt
        mov ah, 0
        int 0x1a
        push dx
        mov cx, 3                       ; 0.22 s: four ticks
        mov dx, 0x5b60
        mov ah, 0x86
        int 0x15
        claim nc, "INT 15h AH=86h waits"
        mov ah, 0
        int 0x1a
        pop bx
        sub dx, bx
        cmp dx, 3
        claim ae, "for at least as long as asked"
        cmp dx, 6
        claim be, "and not much longer"

        push cs
        pop es
        mov byte [.event], 0
        mov bx, .event
        mov cx, 1                       ; 0.1 s
        mov dx, 0x86a0
        mov ax, 0x8300
        int 0x15
        claim nc, "INT 15h AH=83h starts a wait"
        mov cx, 0
        mov dx, 10000
        mov ah, 0x86
        int 0x15
        claim c, "and no other wait starts meanwhile"
        mov byte [.ticks], 0
.wait_event:
        hlt
        test byte [.event], 0x80
        jnz .happened
        cmp byte [.ticks], 10
        jb .wait_event
.happened:
        test byte [.event], 0x80
        claim nz, "its end marks the caller's byte"
        mov byte [.event], 0
        mov bx, .event
        mov cx, 1
        mov dx, 0x86a0
        mov ax, 0x8300
        int 0x15
        mov ax, 0x8301
        int 0x15
        claim nc, "a wait can be taken back"
        mov byte [.ticks], 0
.wait_nothing:
        hlt
        cmp byte [.ticks], 5
        jb .wait_nothing
        claim_byte byte [.event], 0, "and then marks nothing"
        ret
.user_tick:
        inc byte [cs:.ticks]
        iret
.alarm:
        inc byte [cs:.alarms]
        iret
.ticks: db 0
.alarms:
        db 0
.event: db 0
