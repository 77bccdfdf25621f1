; ATA disks by programmed I/O (ATA/ATAPI-6). DS = the extended data area, SI = the disk's record. Status in AH as
; INT 13h gives it, carry with it where it is not 0.
;
; registers at disk.port: 0 data, 1 error/features, 2 count, 3-5 address, 6 drive and head, 7 status/command

ata_busy        equ 0x80
ata_drdy        equ 0x40
ata_fault       equ 0x20
ata_drq         equ 0x08
ata_corrected   equ 0x04
ata_err         equ 0x01

; Waits until the drive is not busy: a few looks, then asleep until its interrupt. AL = status.
; Carry and AH = 80h after ten seconds.
ata_wait:
        push cx
        push dx
        mov dx, [si + disk.control]
        mov cx, 32
.look:
        in al, dx
        test al, ata_busy
        jz .ready
        loop .look
        cmp byte [ebda.io_operation], 2 ; a write's first request for data comes soon and without interrupt
        jne .may_sleep
        mov cx, 16
.look_on:
        push cx
        mov cx, 1
        call refresh_wait
        pop cx
        in al, dx
        test al, ata_busy
        jz .ready
        loop .look_on
.may_sleep:
        mov ax, 0x9000
        int 0x15
        jc .timeout
        push ds
        push bx
        mov ds, [cs:bda_segment]
        mov bx, [bda.ticks]
        mov cx, 0xffff
.sleep:
        cli
        in al, dx
        test al, ata_busy
        jz .awake
        mov ax, [bda.ticks]
        sub ax, bx
        cmp ax, 182
        jae .late
        call idle
        loop .sleep
.late:
        sti
        pop bx
        pop ds
.timeout:
        mov ah, disk_timeout
        stc
        jmp .done
.awake:
        sti
        pop bx
        pop ds
.ready:
        mov dx, [si + disk.port]
        add dx, 7
        in al, dx                       ; this look also takes the interrupt back
        clc
.done:
        pop dx
        pop cx
        ret

; Selects the drive and waits for it. AL = status.
ata_select:
        call ata_wait
        jc .done
        mov dx, [si + disk.port]
        add dx, 6
        mov al, [si + disk.select]
        out dx, al
        mov dx, [si + disk.control]
        in al, dx                       ; 400 ns
        in al, dx
        in al, dx
        in al, dx
        call ata_wait
.done:
        ret

; Command AL to the selected drive.
ata_begin:
        push ds
        mov ds, [cs:bda_segment]
        mov byte [bda.ata_interrupt], 0
        pop ds
        push ax
        mov dx, [si + disk.control]
        mov al, 0x08                    ; interrupts on
        out dx, al
        pop ax
        mov dx, [si + disk.port]
        add dx, 7
        out dx, al
        mov dx, [si + disk.control]
        in al, dx
        in al, dx
        in al, dx
        in al, dx
        ret

; Command AL without address or data, to its end.
ata_simple:
        push ax
        call ata_select
        pop bx
        jc ata_end.done
        mov al, bl
        call ata_begin
; The end of a command: status in AH.
ata_end:
        call ata_wait
        jc .done
        jmp ata_status
.done:
        ret

; The same with ebda.io_lba as its address.
ata_simple_at_address:
        push ax
        call ata_select
        pop bx
        jc ata_end.done
        mov word [ebda.io_chunk], 1
        push bx
        call ata_address
        pop bx
        mov al, bl
        call ata_begin
        jmp ata_end

; AH = what status AL and the error register say. Notes both in 0040:008C.
ata_status:
        push ds
        mov ds, [cs:bda_segment]
        mov [bda.ata_status], al
        pop ds
        test al, ata_err | ata_fault
        jnz .bad
        mov ah, disk_ok
        clc
        ret
.bad:
        test al, ata_fault
        mov ah, disk_write_fault
        jnz .carry
        mov dx, [si + disk.port]
        inc dx
        in al, dx
        push ds
        mov ds, [cs:bda_segment]
        mov [bda.ata_error], al
        pop ds
        mov bx, .table
.look:
        mov ah, [cs:bx + 1]
        test al, [cs:bx]
        jnz .carry
        add bx, 2
        cmp byte [cs:bx], 0
        jne .look
        mov ah, 0xbb                    ; an error without a name
.carry:
        stc
        ret
.table:
        db 0x80, disk_bad_sector, 0x40, disk_crc, 0x10, disk_not_found, 0x04, disk_controller
        db 0x02, disk_seek, 0x01, disk_no_address_mark, 0

; ebda.io_lba and the count ebda.io_chunk into the selected drive's registers. BX = 0, or 1 where the 48-bit form of
; the command is needed.
ata_address:
        mov dx, [si + disk.port]
        add dx, 2
        test byte [si + disk.flags], disk_is_lba
        jz .chs
        mov ax, [ebda.io_lba + 2]
        and ax, 0xf000
        or ax, [ebda.io_lba + 4]
        or ax, [ebda.io_lba + 6]
        jnz .wide
        call .low
        mov al, [ebda.io_lba + 3]
        and al, 0x0f
        or al, 0x40
        or al, [si + disk.select]
        out dx, al
        xor bx, bx
        ret
.wide:
        mov al, [ebda.io_chunk + 1]
        out dx, al
        inc dx
        mov al, [ebda.io_lba + 3]
        out dx, al
        inc dx
        mov al, [ebda.io_lba + 4]
        out dx, al
        inc dx
        mov al, [ebda.io_lba + 5]
        out dx, al
        sub dx, 3
        call .low
        mov al, 0x40
        or al, [si + disk.select]
        out dx, al
        mov bx, 1
        ret
.low:                                   ; the count and the low 24 bits; DX from the count's register to the device's
        mov al, [ebda.io_chunk]
        out dx, al
        inc dx
        mov al, [ebda.io_lba]
        out dx, al
        inc dx
        mov al, [ebda.io_lba + 1]
        out dx, al
        inc dx
        mov al, [ebda.io_lba + 2]
        out dx, al
        inc dx
        ret
.chs:
        push dx
        mov al, [si + disk.heads]
        mul byte [si + disk.sectors]
        mov cx, ax                      ; sectors per cylinder
        mov ax, [ebda.io_lba]
        mov dx, [ebda.io_lba + 2]
        div cx
        mov bx, ax                      ; cylinder
        mov ax, dx
        div byte [si + disk.sectors]
        mov cx, ax                      ; CL = head, CH = sector - 1
        pop dx
        mov al, [ebda.io_chunk]
        out dx, al
        inc dx
        mov al, ch
        inc ax
        out dx, al
        inc dx
        mov al, bl
        out dx, al
        inc dx
        mov al, bh
        out dx, al
        inc dx
        mov al, cl
        or al, [si + disk.select]
        out dx, al
        xor bx, bx
        ret

; Does ebda.io_operation on ebda.io_left sectors from ebda.io_lba on; ebda.io_done counts. AH = status.
ata_transfer:
        mov word [ebda.io_done], 0
        call .whole_range
        jc .done
.command:
        mov ax, [ebda.io_left]
        test ax, ax
        jz .good
        cmp ax, 128
        jbe .chunk
        mov ax, 128
.chunk:
        mov [ebda.io_chunk], ax
        call ata_select
        jc .done
        call ata_address
        add bl, [ebda.io_operation]
        mov al, [cs:bx + .commands]
        call ata_begin
        cmp byte [ebda.io_operation], 2
        ja .verify
.sector:
        call ata_wait
        jc .done
        call ata_status
        jc .done
        mov dx, [si + disk.control]
        in al, dx
        test al, ata_drq
        mov ah, disk_controller
        stc
        jz .done
        call ata_data
        call .advance
        dec word [ebda.io_chunk]
        jnz .sector
        cmp byte [ebda.io_operation], 2
        jne .command
        call ata_wait                   ; the last sector is still being written
        jc .done
        call ata_status
        jc .done
        jmp .command
.verify:
        call ata_end
        jc .done
.verified:
        call .advance
        dec word [ebda.io_chunk]
        jnz .verified
        jmp .command
.good:
        mov ah, disk_ok
        clc
.done:
        ret
.commands:
        db 0x20, 0x24, 0x30, 0x34, 0x40, 0x42
.advance:
        inc word [ebda.io_done]
        dec word [ebda.io_left]
        add word [ebda.io_lba], 1
        adc word [ebda.io_lba + 2], 0
        adc word [ebda.io_lba + 4], 0
        ret
; Carry and AH = 04h: not all of it lies on the disk.
.whole_range:
        mov bx, [ebda.io_left]
        mov ax, [ebda.io_lba]
        mov cx, [ebda.io_lba + 2]
        mov dx, [ebda.io_lba + 4]
        mov di, [ebda.io_lba + 6]
        add ax, bx
        adc cx, 0
        adc dx, 0
        adc di, 0
        jc .beyond
        sub ax, [si + disk.capacity]
        mov bx, ax
        sbb cx, [si + disk.capacity + 2]
        sbb dx, [si + disk.capacity + 4]
        sbb di, [si + disk.capacity + 6]
        jb .inside
        or bx, cx
        or bx, dx
        or bx, di
        jnz .beyond
.inside:
        clc
        ret
.beyond:
        mov ah, disk_not_found
        stc
        ret

; One sector between the drive and the buffer. A buffer may not wrap around its segment in the middle of a sector.
ata_data:
        push es
        push si
        mov dx, [si + disk.port]
        mov di, [ebda.io_offset]
        mov ax, [ebda.io_segment]
        cmp di, 0xfe00
        jbe .fits
        mov bx, di
        mov cl, 4
        shr bx, cl
        add ax, bx
        and di, 0x0f
        mov [ebda.io_segment], ax
.fits:
        mov bl, [ebda.cpu]
        mov cx, 256
        cmp byte [ebda.io_operation], 2
        je .write
        mov es, ax
        cmp bl, cpu_8086
        jne .read_186
.read:
        in ax, dx
        stosw
        loop .read
        jmp .end
.read_186:
        call ata_read_186
        jmp .end
.write:
        push ds
        mov ds, ax
        mov si, di
        cmp bl, cpu_8086
        jne .write_186
.write_next:
        lodsw
        out dx, ax
        loop .write_next
        jmp .written
.write_186:
        call ata_write_186
.written:
        mov di, si
        pop ds
.end:
        mov [ebda.io_offset], di
        test di, di
        jnz .same_segment
        add word [ebda.io_segment], 0x1000      ; this sector ended where the segment does
.same_segment:
        pop si
        pop es
        ret

; Resets the channel of the disk.
ata_reset:
        mov dx, [si + disk.control]
        mov al, 0x0c                    ; SRST, for 5 us at least
        out dx, al
        mov cx, 2
        call refresh_wait
        mov al, 0x08
        out dx, al
        mov cx, 140                     ; 2 ms until its status counts
        call refresh_wait
        call ata_wait
        jc .done
        mov ah, disk_ok
.done:
        ret

; Tells the drive the geometry by which it is addressed, for CHS.
ata_set_geometry:
        call ata_select
        jc .done
        mov dx, [si + disk.port]
        add dx, 2
        mov al, [si + disk.sectors]
        out dx, al
        add dx, 4
        mov al, [si + disk.heads]
        dec ax
        or al, [si + disk.select]
        out dx, al
        mov al, 0x91
        call ata_begin
        jmp ata_end
.done:
        ret
